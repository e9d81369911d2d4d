//! The table of hosts, and what its rows unfold to.

use std::io::{self, Write};

use data_encoding::BASE64;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use maud::{Markup, html as markup};

use crate::fleet::record::{Host, Scan};
use crate::fleet::survey::Survey;
use crate::render::escape::escape;
use crate::render::fleet::told::told;
use crate::render::fleet::words;

/// So many hosts' texts are compressed together: the page's script counts on it.
const TOGETHER: u32 = 64;

/// Between two texts: no text has it, because every control character is escaped.
const BETWEEN: u8 = 0x1e;

/// Every host in a row, the worst first, and what the script needs to sort and filter them.
pub(super) fn table(scan: &Scan, survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    let with_results = !survey.results.is_empty();
    write!(out, "<section id=\"hosts\"><h2>Hosts</h2>{}<noscript>", controls(survey).into_string())?;
    write!(
        out,
        "<p class=\"quiet\">Without scripts the table is not sorted and its rows do not unfold: rdprobe report --format json has everything.</p>"
    )?;
    write!(out, "<div class=\"scroll\"><table class=\"hosts\">{}<tbody>", heads(with_results).into_string())?;
    scan.each_host(&mut |host| out.write_all(row(&host, with_results).into_string().as_bytes()))?;
    write!(out, "</tbody></table></div></noscript><div id=\"shown\"></div></section>")
}

/// Shown by the script only.
fn controls(survey: &Survey) -> Markup {
    markup! {
        form.controls hidden {
            label { "Find " input type="search" name="text" placeholder="name, address, build …" autocomplete="off"; }
            label { "Verdict " select name="verdict" {
                option value="" { "all" }
                @for it in &survey.verdicts { option value=(escape(&it.value)) { (words::plain(&it.value)) } }
            } }
            @if !survey.results.is_empty() {
                label { "Expectations " select name="result" {
                    option value="" { "all" }
                    @for it in &survey.results { option value=(escape(&it.value)) { (words::plain(&it.value)) } }
                } }
            }
            label { "Cause " select name="cause" {
                option value="" { "all" }
                @for cause in &survey.causes { option value=(escape(&cause.id)) { (escape(&cause.id)) " (" (cause.hosts) ")" } }
            } }
            output name="count" {}
        }
    }
}

fn heads(with_results: bool) -> Markup {
    markup! { thead { tr {
        th scope="col" { "Target" } th scope="col" { "Verdict" }
        @if with_results { th scope="col" { "Expected" } }
        th scope="col" { "Cause" } th scope="col" { "NLA" } th scope="col" { "TLS" }
        th scope="col" { "Certificate ends" } th scope="col" { "Build" } th scope="col" { "Computer" }
        th.number scope="col" { "Connect" }
    } } }
}

/// One host. What is filtered by stands in `data-`, what is sorted by as a number too.
fn row(host: &Host, with_results: bool) -> Markup {
    let text = |text: &Option<String>| text.as_deref().map(escape);
    let cause = text(&host.cause);
    let result = text(&host.result);
    markup! {
        tr data-verdict=(escape(&host.verdict)) data-cause=[cause.as_deref()] data-result=[result.as_deref()] {
            td { (escape(&host.target)) }
            td class={ "t-" (words::grade(&host.verdict)) } { (words::plain(&host.verdict)) }
            @if with_results {
                td class={ "t-" (host.result.as_deref().map_or("open", words::grade)) } { @if let Some(it) = &host.result { (words::plain(it)) } @if let Some(it) = &host.missed { ": " (escape(it)) } }
            }
            td { @match (&host.cause, &host.stage) {
                (Some(cause), _) => { (escape(cause)) @if let Some(it) = &host.standing { " " i { (words::plain(it)) } } }
                (None, Some(stage)) => { (words::plain(stage)) }
                (None, None) => {}
            } }
            td { @if let Some(nla) = &host.nla { (words::plain(nla)) } }
            td { @if let Some(versions) = &host.tls_versions { (versions.iter().map(|it| words::version(it)).collect::<Vec<_>>().join(" ")) } }
            @match host.certificate_end {
                Some(end) => { td data-v=(end.as_second()) { (words::day(end)) } }
                None => { td {} }
            }
            td { (host.build.as_deref().map(escape).unwrap_or_default()) }
            td { (host.computer.as_deref().map(escape).unwrap_or_default()) }
            @match host.connect_us {
                Some(us) => { td.number data-v=(us) { (words::time(Some(us))) } }
                None => { td.number {} }
            }
        }
    }
}

/// What the rows unfold to, in the order of the rows: data that no browser runs.
pub(super) fn texts(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    let mut together = ZlibEncoder::new(Vec::new(), Compression::default());
    let (mut waiting, mut number) = (0, 0);
    scan.each_document(&mut |stored| {
        if waiting > 0 {
            together.write_all(&[BETWEEN])?;
        }
        together.write_all(told(&stored)?.as_bytes())?;
        waiting += 1;
        if waiting == TOGETHER {
            pack(number, &together.reset(Vec::new())?, out)?;
            (waiting, number) = (0, number + 1);
        }
        Ok(())
    })?;
    if waiting > 0 {
        pack(number, &together.finish()?, out)?;
    }
    Ok(())
}

fn pack(number: u32, bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
    write!(out, "<script type=\"text/plain\" id=\"t{number}\">{}</script>", BASE64.encode(bytes))
}
