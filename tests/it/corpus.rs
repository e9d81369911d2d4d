//! Replies and NTLM messages of real servers decode to what their captures show.
