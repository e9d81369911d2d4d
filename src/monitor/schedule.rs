//! When rounds are due: an absolute schedule, on which a stalled round shifts nothing.
