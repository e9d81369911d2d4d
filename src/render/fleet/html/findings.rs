//! Tables of what was found about the machines: builds with their support, and hosts that differ.

use maud::{Markup, html as markup};

use crate::fleet::survey::{Outlier, Support, Survey};
use crate::render::escape::escape;
use crate::render::fleet::words;

/// Every build, how many run it, and until when it is mended.
pub(super) fn builds(survey: &Survey) -> Markup {
    let old: u64 = survey
        .builds
        .iter()
        .filter(|build| matches!(build.support, Support::Ended | Support::PaidOnly))
        .map(|build| build.hosts)
        .sum();
    markup! {
        @if old > 0 { p.warn { b { (old) } " out of support on the day of the scan" } }
        div.scroll { table.builds {
            thead { tr {
                th scope="col" { "Build" } th scope="col" { "Products" } th.number scope="col" { "Hosts" }
                th scope="col" { "Support" } th scope="col" { "Security updates" }
            } }
            tbody { @for build in &survey.builds {
                @let (support, grade) = words::support(build.support);
                tr {
                    th scope="row" { (escape(&build.build)) }
                    td { (build.product.as_deref().unwrap_or("not known here")) }
                    td.number { (build.hosts) }
                    td { span class={ "tag t-" (grade) } { (support) } }
                    td.quiet { @for until in &build.until { div { (until) } } }
                }
            } }
        } }
    }
}

/// Every outlier: what, why it is worth a look, and the first hosts.
pub(super) fn outliers(survey: &Survey) -> Markup {
    markup! {
        ul.outliers { @for outlier in &survey.outliers {
            li {
                p { b { (words::outlier(outlier)) } " " span.quiet { (words::advice(outlier.kind)) } }
                p.examples { (examples(outlier)) }
            }
        } }
    }
}

fn examples(outlier: &Outlier) -> Markup {
    let left_out = outlier.hosts.saturating_sub(u64::try_from(outlier.examples.len()).unwrap_or(u64::MAX));
    markup! {
        @for (place, example) in outlier.examples.iter().enumerate() {
            @if place > 0 { ", " }
            code { (words::example(outlier.kind, example)) }
        }
        @if left_out > 0 { " and " (left_out) " more" }
    }
}
