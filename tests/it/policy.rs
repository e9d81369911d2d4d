//! Expectations held against evidence and personas; expressions and profiles as they are written.

// Every expectation met, missed and undecided.
mod expectations;

// What is read, and where each mistake is.
mod expressions;

// Built-in profiles and files.
mod profiles;
