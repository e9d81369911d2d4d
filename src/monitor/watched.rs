//! Everything known of one target: fed with rounds, reports and ended holds, it answers with events. Pure.
