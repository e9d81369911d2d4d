//! The fleet's page in headless Chromium: driven, listened to, and pictures to look at.

use std::fs;
use std::path::{Path, PathBuf};

use rdprobe::fleet::record::{Scan, Which};
use rdprobe::render::fleet::html;

use super::hostile::nasty;
use super::made::write;
use crate::record::browser::{Proxy, chromium, framed, headless};

/// Width, height and scheme of each picture, and what the page is asked to show.
const VIEWS: [(&str, u32, u32, bool, &str); 5] = [
    ("desktop", 1_360, 5_200, false, ""),
    ("desktop-dark", 1_360, 5_200, true, ""),
    ("desktop-open", 1_360, 4_200, false, "#sort=connect&open=srv-00001.corp.example.net&text=srv-0000"),
    ("telephone", 390, 9_000, false, ""),
    ("telephone-dark", 390, 3_000, true, "#cause=vm-not-running"),
];

fn page(folder: &Path, record: &Path) -> PathBuf {
    let scan = Scan::open(record, Which::Latest).unwrap();
    let page = folder.join("fleet.html");
    let mut out = std::io::BufWriter::new(fs::File::create(&page).unwrap());
    html(&scan, &scan.survey().unwrap(), &mut out).unwrap();
    std::io::Write::flush(&mut out).unwrap();
    page
}

/// The page after its script has run, as markup; fails if it said or asked for anything.
fn dump(folder: &Path, page: &Path, hash: &str) -> String {
    let proxy = Proxy::start();
    let output = headless(folder, "dump", &proxy)
        .args(["--virtual-time-budget=20000", "--dump-dom"])
        .arg(format!("file://{}{hash}", page.display()))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!told.contains("CONSOLE"), "{hash}: {told}");
    assert_eq!(proxy.asked(), [""; 0], "{hash}");
    String::from_utf8(output.stdout).unwrap()
}

/// The targets in the order in which they are shown.
fn shown(dom: &str) -> Vec<String> {
    let (_, shown) = dom.split_once("id=\"shown\"").unwrap();
    let rows = shown.split("class=\"open\"").skip(1);
    rows.map(|row| row.split_once('>').unwrap().1.split('<').next().unwrap().to_owned()).collect()
}

#[test]
#[ignore = "needs chromium"]
fn the_page_sorts_filters_and_unfolds() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("fleet.db");
    write(&record, 400);
    let page = page(folder.path(), &record);

    let dom = dump(folder.path(), &page, "");
    assert_eq!(shown(&dom).len(), 200, "a few screens at first");
    assert!(dom.contains(">400 hosts</output>") && dom.contains("200 more of 200"), "{}", &dom[..2_000]);

    let dom = dump(folder.path(), &page, "#sort=target");
    let expected: Vec<String> = (0..200).map(|n| format!("srv-{n:05}.corp.example.net")).collect();
    assert_eq!(shown(&dom), expected);
    let dom = dump(folder.path(), &page, "#sort=-target");
    assert_eq!(shown(&dom)[0], "srv-00399.corp.example.net");

    let dom = dump(folder.path(), &page, "#verdict=not_reachable&text=srv-0000");
    let scan = Scan::open(&record, Which::Latest).unwrap();
    let mut expected = Vec::new();
    scan.each_host(&mut |host| {
        if host.verdict == "not_reachable" && host.target.starts_with("srv-0000") {
            expected.push(host.target);
        }
        Ok(())
    })
    .unwrap();
    assert!(!expected.is_empty());
    assert_eq!(shown(&dom), expected);

    // Of the last packet, and of the first.
    for n in [1, 3, 399] {
        let target = format!("srv-{n:05}.corp.example.net");
        let dom = dump(folder.path(), &page, &format!("#text={target}&open={target}"));
        let (_, told) = dom.split_once("<pre>").unwrap_or_else(|| panic!("{target} does not unfold"));
        let told = told.split("</pre>").next().unwrap();
        assert!(told.starts_with(&target) && told.contains("REACHABLE"), "{told}");
    }
}

#[test]
#[ignore = "needs chromium"]
fn nasty_strings_do_nothing_in_a_browser() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("fleet.db");
    nasty(&record);
    let page = page(folder.path(), &record);
    let dom = dump(folder.path(), &page, "#text=noscript&sort=target");
    assert_eq!(shown(&dom).len(), 3);
    assert!(dom.contains("<title>RDP in &lt;/noscript&gt;") && !dom.contains("<title>taken"));
    assert!(!dom.contains("<img") && !dom.contains("<svg"));
}

#[test]
#[ignore = "needs chromium"]
fn chromium_shows_a_fleet_without_a_request_or_a_complaint() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("fleet.db");
    write(&record, 1_000);
    let page = page(folder.path(), &record);
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fleet");
    fs::create_dir_all(&pictures).unwrap();
    for (name, width, height, dark, hash) in VIEWS {
        let picture = pictures.join(format!("{name}.png"));
        let _ = fs::remove_file(&picture);
        let asked = PathBuf::from(format!("{}{hash}", page.display()));
        let shown = if width < 500 { framed(folder.path(), &asked, width, height) } else { asked };
        let told = chromium(folder.path(), name, &shown, &picture, (width.max(500), height), dark);
        assert!(!told.contains("CONSOLE"), "{name}: {told}");
        assert!(fs::metadata(&picture).is_ok_and(|file| file.len() > 20_000), "{name}: no picture: {told}");
    }
}
