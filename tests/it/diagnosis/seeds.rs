//! The vendor's repair documents: what each describes leads to its cause, and every command stands in a fix.

// The quick steps in every channel, and the five messages.
mod connect;

// Frequent disconnects: the values of the listener.
mod disconnects;

// By the numbers of events in the guest's log.
mod event_ids;

// "An internal error has occurred".
mod internal_error;

// A static address that is set inside Windows.
mod static_ip;

// Commands of a document against the fixes of the catalogue.
mod prescribed;
