//! Metrics as Prometheus reads them: text 0.0.4, OpenMetrics text, and protobuf with native histograms.
//!
//! The types and the encoder are our own because prometheus-client (0.25) writes OpenMetrics text only, counts its own
//! histograms instead of taking over those that exist, and needs a protobuf compiler for the rest.

// Which format a scraper wants.
mod accept;

// The protobuf messages.
pub mod message;

// Both text formats.
mod text;

pub use accept::Format;

use crate::render::escape::{is_logging_command, needs_escape};
use message::{LabelPair, Metric, MetricFamily, MetricType, Number};

/// All metrics of one name.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// The name, `_total` of a counter included.
    pub name: &'static str,
    /// What it is, one clause.
    pub help: &'static str,
    /// What kind of metric.
    pub kind: MetricType,
}

impl Family {
    /// Something that goes up and down, or an `_info` that is always 1.
    #[must_use]
    pub const fn gauge(name: &'static str, help: &'static str) -> Self {
        Self { name, help, kind: MetricType::Gauge }
    }

    /// Something that only grows; the name ends in `_total`.
    #[must_use]
    pub const fn counter(name: &'static str, help: &'static str) -> Self {
        Self { name, help, kind: MetricType::Counter }
    }

    /// Counts in buckets.
    #[must_use]
    pub const fn histogram(name: &'static str, help: &'static str) -> Self {
        Self { name, help, kind: MetricType::Histogram }
    }
}

/// A label and its value.
pub type Label<'a> = (&'static str, &'a str);

/// No value of another label than `target` is longer than this, in characters: what a peer says must not fill a database.
const LONGEST: usize = 128;

/// Writes families, one after another, in one format.
#[derive(Debug)]
pub struct Encoder {
    format: Format,
    /// What is ready to be sent.
    ready: Vec<u8>,
    family: Option<Open>,
}

/// The family that is being written; nothing stands of it until it has a metric.
#[derive(Debug)]
struct Open {
    family: Family,
    begun: bool,
    /// Its metrics, where their length must be known before they are sent.
    metrics: Vec<u8>,
}

impl Encoder {
    /// An encoder that has written nothing.
    #[must_use]
    pub const fn new(format: Format) -> Self {
        Self { format, ready: Vec::new(), family: None }
    }

    /// Begins a family; what is written from now on belongs to it.
    pub fn family(&mut self, family: Family) {
        self.close();
        self.family = Some(Open { family, begun: false, metrics: Vec::new() });
    }

    /// A whole family of one metric without labels.
    pub fn single(&mut self, family: Family, value: f64) {
        self.family(family);
        self.value(&[], value);
    }

    /// One value of a counter or a gauge.
    pub fn value(&mut self, labels: &[Label<'_>], value: f64) {
        let number = Some(Number { value: Some(value) });
        let is_counter = self.family.as_ref().is_some_and(|open| open.family.kind == MetricType::Counter);
        let (gauge, counter) = if is_counter { (None, number) } else { (number, None) };
        self.metric(&Metric { label: pairs(labels), gauge, counter, histogram: None });
    }

    /// One histogram.
    pub fn histogram(&mut self, labels: &[Label<'_>], histogram: message::Histogram) {
        self.metric(&Metric { label: pairs(labels), gauge: None, counter: None, histogram: Some(histogram) });
    }

    fn metric(&mut self, metric: &Metric) {
        let Some(open) = &mut self.family else { return };
        let first = !std::mem::replace(&mut open.begun, true);
        match self.format {
            Format::Protobuf => prost::encoding::message::encode(4, metric, &mut open.metrics),
            Format::Text | Format::OpenMetrics => {
                let is_open = self.format == Format::OpenMetrics;
                if first {
                    text::head(&open.family, is_open, &mut self.ready);
                }
                text::metric(&open.family, metric, is_open, &mut self.ready);
            }
        }
    }

    /// Takes what can be sent: of text all that was written, of protobuf the families that are whole.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.ready)
    }

    /// How many bytes [`Self::take`] would take.
    #[must_use]
    pub const fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Ends the last family and the exposition, and takes the rest.
    pub fn finish(&mut self) -> Vec<u8> {
        self.close();
        if self.format == Format::OpenMetrics {
            self.ready.extend_from_slice(b"# EOF\n");
        }
        self.take()
    }

    fn close(&mut self) {
        let Some(open) = self.family.take().filter(|open| open.begun) else { return };
        if self.format == Format::Protobuf {
            let head = MetricFamily {
                name: Some(open.family.name.to_owned()),
                help: Some(open.family.help.to_owned()),
                r#type: Some(open.family.kind.into()),
                metric: Vec::new(),
            };
            let head = prost::Message::encode_to_vec(&head);
            let length = head.len().saturating_add(open.metrics.len());
            prost::encoding::encode_varint(u64::try_from(length).unwrap_or(u64::MAX), &mut self.ready);
            self.ready.extend(head);
            self.ready.extend(open.metrics);
        }
    }
}

fn pairs(labels: &[Label<'_>]) -> Vec<LabelPair> {
    labels
        .iter()
        .map(|(name, value)| LabelPair {
            name: Some((*name).to_owned()),
            value: Some(plain(value).chars().take(longest(name)).collect()),
        })
        .collect()
}

/// A target's name comes from the user; cut, two of them may be the same, and a scraper refuses the page.
fn longest(label: &str) -> usize {
    if label == "target" { usize::MAX } else { LONGEST }
}

/// What a terminal, a dashboard or a pipeline's log would obey is no part of a label.
fn plain(text: &str) -> String {
    let obeyed = |place, character| needs_escape(character) || is_logging_command(text, place);
    text.char_indices()
        .map(|(place, it)| if obeyed(place, it) { char::REPLACEMENT_CHARACTER } else { it })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const UP: Family = Family::gauge("up", "is it");
    const SEEN: Family = Family::counter("seen_total", "how often \\ so");

    fn written(format: Format) -> Vec<u8> {
        let mut encoder = Encoder::new(format);
        encoder.family(Family::gauge("empty", "nothing"));
        encoder.single(UP, 1.0);
        encoder.family(SEEN);
        encoder.value(&[("by", "a\"b\\c\nd")], 2.5);
        encoder.value(&[("by", &"x".repeat(1000))], f64::INFINITY);
        encoder.finish()
    }

    #[test]
    fn text_has_a_head_for_each_family_that_has_metrics() {
        let text = String::from_utf8(written(Format::Text)).unwrap();
        let long = "x".repeat(LONGEST);
        assert_eq!(
            text,
            format!(
                "# HELP up is it\n# TYPE up gauge\nup 1\n# HELP seen_total how often \\\\ so\n# TYPE seen_total \
                 counter\nseen_total{{by=\"a\\\"b\\\\c\u{fffd}d\"}} 2.5\nseen_total{{by=\"{long}\"}} +Inf\n"
            )
        );
    }

    #[test]
    fn targets_that_differ_late_stay_two() {
        let mut encoder = Encoder::new(Format::Text);
        encoder.family(UP);
        let name = |end| format!("{}{end}", "x".repeat(LONGEST));
        encoder.value(&[("target", &name("1"))], 1.0);
        encoder.value(&[("target", &name("2"))], 0.0);
        let text = String::from_utf8(encoder.finish()).unwrap();
        for line in
            [format!("up{{target=\"{}\"}} 1\n", name("1")), format!("up{{target=\"{}\"}} 0\n", name("2"))]
        {
            assert!(text.contains(&line), "{text}");
        }
    }

    #[test]
    fn openmetrics_names_the_counter_without_total_and_ends() {
        let text = String::from_utf8(written(Format::OpenMetrics)).unwrap();
        assert!(text.contains("# TYPE seen counter\nseen_total{"), "{text}");
        assert!(text.ends_with("\n# EOF\n"), "{text}");
    }

    #[test]
    fn protobuf_comes_back_as_it_was() {
        let bytes = written(Format::Protobuf);
        let mut rest = bytes.as_slice();
        let mut families = Vec::new();
        while !rest.is_empty() {
            families.push(<MetricFamily as prost::Message>::decode_length_delimited(&mut rest).unwrap());
        }
        let names: Vec<_> = families.iter().map(MetricFamily::name).collect();
        assert_eq!(names, ["up", "seen_total"]);
        let seen = families.last().unwrap();
        assert_eq!(seen.r#type(), MetricType::Counter);
        assert_eq!(seen.metric.first().unwrap().counter.unwrap().value, Some(2.5));
        assert_eq!(seen.metric.last().unwrap().label.first().unwrap().value().len(), LONGEST);
    }
}
