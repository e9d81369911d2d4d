//! The layer table of the design, checked against src/.
