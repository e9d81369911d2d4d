//! The layer table of the design, checked against src/ on every run: who may name whom, and what a file must have.

use std::fs;
use std::path::{Path, PathBuf};

/// A layer and the parts of the crate that it may name. `x::y` allows only that part of `x`.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("target", &[]),
    ("wire", &[]),
    ("evidence", &["wire", "target"]),
    ("probe", &["wire", "target", "evidence"]),
    ("diagnosis", &["evidence", "wire::codes"]),
    ("policy", &["evidence", "diagnosis", "wire::codes"]),
    ("report", &["diagnosis", "policy", "evidence"]),
    ("monitor", &["target", "evidence", "probe", "diagnosis", "policy", "report", "wire::codes"]),
    ("fleet", &["target", "evidence", "probe", "diagnosis", "policy", "report", "monitor", "wire::codes"]),
    ("render", &["report", "monitor", "fleet", "diagnosis", "policy", "evidence", "target", "wire::codes"]),
    (
        "serve",
        &[
            "target",
            "evidence",
            "probe",
            "diagnosis",
            "policy",
            "report",
            "monitor",
            "wire::codes",
            "render::escape",
        ],
    ),
    ("wait", &["target", "evidence", "probe", "diagnosis", "policy", "report"]),
    ("simulate", &["wire", "evidence"]),
    // The binary sees the library's public face, by the crate's name.
    ("cli", &[]),
    ("main", &[]),
];

/// Words that reach the outside world, and the only layers that may use them.
const WORLD: &[(&str, &[&str])] = &[
    ("tokio::net", &["probe", "simulate", "serve"]),
    ("std::net::TcpStream", &["probe", "simulate"]),
    ("std::net::UdpSocket", &["probe", "simulate"]),
    ("hickory_resolver", &["probe"]),
    ("socket2", &["probe", "simulate"]),
    ("Instant::now", &["probe", "simulate", "wait", "monitor", "fleet", "serve", "cli"]),
    ("Timestamp::now", &["probe", "simulate", "wait", "monitor", "fleet", "serve", "cli"]),
    ("SystemTime::now", &["probe", "simulate"]),
    ("ureq", &["monitor"]),
    ("getrandom", &["probe", "simulate"]),
    ("std::env", &["cli", "main"]),
    // The monitor: which process writes a record.
    ("std::process", &["cli", "main", "monitor"]),
    ("std::io::stdout", &["cli", "main"]),
    ("io::stdout", &["cli", "main"]),
    ("io::stderr", &["cli", "main"]),
];

struct Source {
    path: PathBuf,
    layer: String,
    code: String,
}

#[test]
fn every_layer_names_only_what_it_may() {
    let mut wrong = Vec::new();
    for source in sources() {
        let allowed = MAY_NAME.iter().find(|(layer, _)| *layer == source.layer).map(|(_, may)| *may);
        let Some(allowed) = allowed else {
            wrong.push(format!("{}: no layer of that name in the table", source.path.display()));
            continue;
        };
        for named in named_modules(&source.code) {
            let own = named.split("::").next() == Some(source.layer.as_str());
            let may = allowed.iter().any(|may| named == *may || named.starts_with(&format!("{may}::")));
            if !own && !may {
                wrong.push(format!("{}: names crate::{named}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_named_layers_touch_the_world() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (word, may) in WORLD {
            if source.code.contains(word) && !may.contains(&source.layer.as_str()) {
                wrong.push(format!("{}: {word}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_sees_what_it_forbids() {
    let code =
        "use crate::{probe::plan, wire};\nuse crate::evidence::Failure;\nlet x = crate::report::SCHEMA;";
    assert_eq!(named_modules(code), ["probe::plan", "wire", "evidence::Failure", "report::SCHEMA"]);
}

#[test]
fn every_file_opens_with_one_sentence() {
    for source in sources() {
        let text = fs::read_to_string(&source.path).unwrap();
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! "), "{}: the first line is no //! sentence", source.path.display());
    }
}

#[test]
fn every_file_can_be_read_in_one_sitting() {
    for source in sources() {
        let lines = fs::read_to_string(&source.path).unwrap().lines().count();
        assert!(lines <= 400, "{}: {lines} lines; split it", source.path.display());
    }
}

#[test]
fn unsafe_code_stands_in_one_file() {
    let with: Vec<_> = sources()
        .into_iter()
        .filter(|source| source.code.contains("unsafe {") || source.code.contains("unsafe fn"))
        .map(|source| source.path)
        .collect();
    assert!(with.iter().all(|path| path.ends_with("src/probe/kernel.rs")), "{with:?}");
}

/// The parts of the crate that the code names, as written after `crate::`, groups opened.
fn named_modules(code: &str) -> Vec<String> {
    let mut named = Vec::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(group) = rest.strip_prefix('{') {
            named.extend(group_members(group));
        } else {
            named.push(path_prefix(rest));
        }
    }
    named
}

/// The members of `{a::b, c::{d, e}}`, one level deep, each with its first two segments.
fn group_members(group: &str) -> Vec<String> {
    let mut members = vec![String::new()];
    let mut depth = 0_usize;
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => members.push(String::new()),
            _ => {}
        }
        if c != ',' || depth > 0 {
            members.last_mut().unwrap().push(c);
        }
    }
    members.iter().map(|member| path_prefix(member.trim())).filter(|member| !member.is_empty()).collect()
}

/// The first two segments of a path.
fn path_prefix(path: &str) -> String {
    let end = path.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(path.len());
    path[..end].trim_end_matches(':').split("::").take(2).collect::<Vec<_>>().join("::")
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    assert!(files.len() > 30, "the source tree is elsewhere");
    files.into_iter().filter(|path| *path != root.join("lib.rs")).map(|path| source(&root, path)).collect()
}

fn source(root: &Path, path: PathBuf) -> Source {
    let relative = path.strip_prefix(root).unwrap();
    let layer = relative.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
    let code = fs::read_to_string(&path)
        .unwrap()
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    Source { path, layer, code }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
