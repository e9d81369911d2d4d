//! Which format a scraper wants: the `Accept` header (RFC 9110 12.5.1) against the three that there are.

/// How metrics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Prometheus's text format 0.0.4.
    Text,
    /// OpenMetrics text 1.0.0.
    OpenMetrics,
    /// `io.prometheus.client.MetricFamily`, each message after its length; the only one with native histograms.
    Protobuf,
}

/// The name of the message in the media type.
const MESSAGE: &str = "io.prometheus.client.MetricFamily";

impl Format {
    /// The `Content-Type` that goes with it.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Protobuf => {
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
            }
        }
    }

    /// The one that is wanted most; [`Self::Text`], which everybody reads, if none is named.
    #[must_use]
    pub fn wanted(accept: &str) -> Self {
        let mut best = (0.0, Self::Text);
        for range in accept.split(',') {
            if let Some((quality, format)) = range_of(range)
                && quality > best.0
            {
                best = (quality, format);
            }
        }
        best.1
    }
}

/// One media range: how much it is wanted, and which format it is, if it is one of ours.
fn range_of(range: &str) -> Option<(f64, Format)> {
    let mut parts = range.split(';').map(str::trim);
    let media_type = parts.next()?;
    let (mut quality, mut message, mut encoding) = (1.0, None, None);
    for parameter in parts {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "q" => quality = value.parse().ok()?,
            "proto" => message = Some(value),
            "encoding" => encoding = Some(value),
            // Versions differ in what may be written, not in what we write.
            _ => {}
        }
    }
    let format = match media_type.to_ascii_lowercase().as_str() {
        "application/openmetrics-text" => Format::OpenMetrics,
        "application/vnd.google.protobuf" if message == Some(MESSAGE) && encoding == Some("delimited") => {
            Format::Protobuf
        }
        "text/plain" | "text/*" | "*/*" => Format::Text,
        _ => return None,
    };
    Some((quality, format))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prometheus_gets_what_it_asks_for() {
        // Prometheus 2.42, and the same with --enable-feature=native-histograms.
        let usual = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                     text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        assert_eq!(Format::wanted(usual), Format::OpenMetrics);
        let native = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,\
                      application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        assert_eq!(Format::wanted(native), Format::Protobuf);
    }

    #[test]
    fn everybody_else_gets_text() {
        for accept in [
            "",
            "*/*",
            "text/html,application/xhtml+xml,*/*;q=0.8",
            "application/json",
            "q",
            "application/openmetrics-text;q=x",
            "application/openmetrics-text;q=0",
            "application/vnd.google.protobuf",
            ";;;,,,=",
        ] {
            assert_eq!(Format::wanted(accept), Format::Text, "{accept}");
        }
        assert_eq!(
            Format::wanted("text/plain;q=0.3, Application/OpenMetrics-Text;Q=0.4"),
            Format::OpenMetrics
        );
    }
}
