//! The vendor's repair documents: what each describes leads to its cause, and every command stands in a fix.

// Frequent disconnects: the values of the listener.
mod disconnects;

// By the numbers of events in the guest's log.
mod event_ids;

// "An internal error has occurred".
mod internal_error;

// Commands of a document against the fixes of the catalogue.
mod prescribed;
