//! The page in headless Chromium: nothing on the console, no request, and pictures to look at.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rdprobe::render::record::html;

use super::made::{all, file};
use super::night;

const CHROMIUM: &str = "/usr/bin/chromium";

/// Whom a new profile asks for updates and accounts, whatever page it shows.
const OWN_SERVICES: [&str; 4] = ["google.com", "googleapis.com", "gstatic.com", "gvt1.com"];

/// Width, height and scheme of each picture. Chromium's headless windows are at least 500 wide, so that the
/// telephone's is a frame in a wider one.
const VIEWS: [(&str, u32, u32, bool); 4] = [
    ("desktop", 1_280, 4_200, false),
    ("desktop-dark", 1_280, 4_200, true),
    ("telephone", 390, 6_400, false),
    ("telephone-dark", 390, 6_400, true),
];

#[test]
#[ignore = "needs chromium"]
fn chromium_shows_the_page_without_a_request_or_a_complaint() {
    let (folder, record) = file();
    night::write(&record);
    let page = folder.path().join("record.html");
    html(&all(&record), &mut fs::File::create(&page).unwrap()).unwrap();
    // Where the pictures stay for somebody to look at them.
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    fs::create_dir_all(&pictures).unwrap();
    for (name, width, height, dark) in VIEWS {
        let picture = pictures.join(format!("{name}.png"));
        let _ = fs::remove_file(&picture);
        let shown = if width < 500 { framed(folder.path(), &page, width, height) } else { page.clone() };
        let told = chromium(folder.path(), name, &shown, &picture, (width.max(500), height), dark);
        assert!(!told.contains("CONSOLE"), "{name}: {told}");
        assert!(fs::metadata(&picture).is_ok_and(|file| file.len() > 20_000), "{name}: no picture: {told}");
    }
}

#[test]
#[ignore = "needs chromium"]
fn the_test_would_hear_a_complaint_and_see_a_request() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("bad.html");
    let proxy = Proxy::start();
    let bad = "<!DOCTYPE html><img src='http://peer.example/x.png'><script>console.error('heard')</script>";
    fs::write(&page, bad).unwrap();
    let told = run(folder.path(), "bad", &page, &folder.path().join("bad.png"), (800, 600), false, &proxy);
    assert!(told.contains("heard"), "{told}");
    assert!(
        proxy.asked().iter().any(|line| line.contains("peer.example")),
        "the request went past the proxy"
    );
}

/// Shows a page and returns what Chromium said; fails if a request was made.
pub(crate) fn chromium(
    folder: &Path,
    name: &str,
    page: &Path,
    picture: &Path,
    size: (u32, u32),
    dark: bool,
) -> String {
    let proxy = Proxy::start();
    let told = run(folder, name, page, picture, size, dark, &proxy);
    assert_eq!(proxy.asked(), [""; 0], "{name} asks for something: {told}");
    told
}

fn run(
    folder: &Path,
    name: &str,
    page: &Path,
    picture: &Path,
    (width, height): (u32, u32),
    dark: bool,
    proxy: &Proxy,
) -> String {
    let mut command = headless(folder, name, proxy);
    command.arg(format!("--window-size={width},{height}")).arg(format!("--screenshot={}", picture.display()));
    if dark {
        command.arg("--blink-settings=preferredColorScheme=0");
    }
    let output = command.arg(format!("file://{}", page.display())).output().expect("chromium is installed");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Chromium without a window, that says on its standard error what a page says on the console.
pub(crate) fn headless(folder: &Path, name: &str, proxy: &Proxy) -> Command {
    let mut command = Command::new(CHROMIUM);
    command
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--enable-logging=stderr",
            "--v=0",
        ])
        // Its own services would call home.
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            "--disable-sync",
        ])
        .args(["--disable-default-apps", "--disable-extensions", "--metrics-recording-only"])
        .arg(format!("--user-data-dir={}", folder.join(format!("profile-{name}")).display()))
        .arg(format!("--proxy-server=127.0.0.1:{}", proxy.port));
    command
}

/// A page that shows another one at a telephone's width.
pub(crate) fn framed(folder: &Path, page: &Path, width: u32, height: u32) -> PathBuf {
    let frame = folder.join("frame.html");
    let name = page.file_name().unwrap().to_str().unwrap();
    let text = format!(
        "<!DOCTYPE html><iframe src='{name}' style='border:0;width:{width}px;height:{height}px'></iframe>"
    );
    fs::write(&frame, text).unwrap();
    frame
}

/// A proxy that notes who is asked for and answers nobody.
pub(crate) struct Proxy {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let noted = Arc::clone(&noted);
                std::thread::spawn(move || note(&connection, &noted));
            }
        });
        Self { port, asked }
    }

    /// What was asked for, less what Chromium asks of its maker on its own.
    pub(crate) fn asked(&self) -> Vec<String> {
        let own = |line: &String| OWN_SERVICES.iter().any(|host| line.contains(host));
        self.asked.lock().unwrap().iter().filter(|line| !own(line)).cloned().collect()
    }
}

/// Notes what is asked for; a connection that was opened in advance asks for nothing.
fn note(connection: &TcpStream, noted: &Mutex<Vec<String>>) {
    let mut line = String::new();
    connection.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let _ = BufReader::new(connection).read_line(&mut line);
    if !line.is_empty() {
        noted.lock().unwrap().push(line);
    }
}
