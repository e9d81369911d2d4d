//! What a server does, and which findings must come out.
