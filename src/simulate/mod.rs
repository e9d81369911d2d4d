//! A scripted RDP server with personas: what `demo`, the tests and rehearsals talk to.
