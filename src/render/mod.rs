//! One small file per output; none words a cause or decides a severity.
