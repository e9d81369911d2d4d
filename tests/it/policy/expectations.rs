//! Every expectation met, missed and undecided.
