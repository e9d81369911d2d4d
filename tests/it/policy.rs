//! Expectations held against evidence and personas; expressions and profiles as they are written.

// Every expectation met, missed and undecided, and that none is left out.
mod expectations;

// Against the simulator's personas, on real sockets.
mod live;

// Against evidence that no persona can give.
mod made;

// Several addresses: the worst decides.
mod routes;

// What is read, and where each mistake is.
mod expressions;

// Built-in profiles and files.
mod profiles;
