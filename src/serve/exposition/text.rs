//! Both text formats: Prometheus 0.0.4, and OpenMetrics 1.0.0 where it differs.

use std::fmt::Write as _;

use super::Family;
use super::message::{Histogram, LabelPair, Metric, MetricType};

/// `# HELP` and `# TYPE`.
pub(super) fn head(family: &Family, open: bool, out: &mut Vec<u8>) {
    let kind = match family.kind {
        MetricType::Counter => "counter",
        MetricType::Gauge => "gauge",
        MetricType::Histogram => "histogram",
    };
    // OpenMetrics gives the family its name without the suffix of the samples.
    let name = if open { family.name.strip_suffix("_total").unwrap_or(family.name) } else { family.name };
    let help = family.help.replace('\\', "\\\\").replace('\n', "\\n");
    out.extend(format!("# HELP {name} {help}\n# TYPE {name} {kind}\n").into_bytes());
}

/// The lines of one metric.
pub(super) fn metric(family: &Family, metric: &Metric, open: bool, out: &mut Vec<u8>) {
    let value = metric.gauge.or(metric.counter).and_then(|number| number.value);
    if let Some(value) = value {
        line(family.name, "", &metric.label, None, &number(value), out);
    }
    if let Some(of) = &metric.histogram {
        histogram(family.name, &metric.label, of, open, out);
    }
}

fn histogram(name: &str, labels: &[LabelPair], histogram: &Histogram, open: bool, out: &mut Vec<u8>) {
    for bucket in &histogram.bucket {
        let bound = bound(bucket.upper_bound(), open);
        line(name, "_bucket", labels, Some(&bound), &bucket.cumulative_count().to_string(), out);
    }
    let count = histogram.sample_count().to_string();
    line(name, "_bucket", labels, Some("+Inf"), &count, out);
    line(name, "_sum", labels, None, &number(histogram.sample_sum()), out);
    line(name, "_count", labels, None, &count, out);
}

fn line(name: &str, suffix: &str, labels: &[LabelPair], bound: Option<&str>, value: &str, out: &mut Vec<u8>) {
    let mut text = format!("{name}{suffix}");
    let mut opener = '{';
    let bound = bound.map(|bound| ("le", bound));
    for (label, value) in labels.iter().map(|pair| (pair.name(), pair.value())).chain(bound) {
        text.push(opener);
        opener = ',';
        // A String takes what is written to it.
        let _ = write!(text, "{label}=\"{}\"", escaped(value));
    }
    if opener == ',' {
        text.push('}');
    }
    out.extend_from_slice(text.as_bytes());
    out.push(b' ');
    out.extend_from_slice(value.as_bytes());
    out.push(b'\n');
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn number(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    value.to_string()
}

/// OpenMetrics wants a point in every bound, so that one bound has one spelling.
fn bound(value: f64, open: bool) -> String {
    if open { format!("{value:?}") } else { value.to_string() }
}
