//! Every nasty string through every renderer.
