//! The strings: each something that some reader acts upon, and what it is.

/// Every one, and all of them at once.
pub(super) fn all() -> Vec<(String, String)> {
    // A few at a time, because there are many documents: at the beginning, after a blank, at the end and in any order.
    let mut all: Vec<(String, String)> = Vec::new();
    for some in STRINGS.chunks(13) {
        let names: Vec<&str> = some.iter().map(|(what, _)| *what).collect();
        let texts: Vec<&str> = some.iter().map(|(_, text)| *text).collect();
        let backwards: Vec<&str> = texts.iter().rev().copied().collect();
        all.push((names.join(", "), format!("{}a {} z", texts.join("b"), backwards.join(" "))));
    }
    all.push(("every control character".to_owned(), (0..0xa0_u8).map(char::from).collect()));
    all.push(("all at once".to_owned(), STRINGS.iter().map(|(_, text)| *text).collect::<Vec<_>>().join(" ")));
    // Long, so that every renderer cuts or breaks it.
    all.push(("long".to_owned(), STRINGS.iter().map(|(_, text)| text.repeat(40)).collect()));
    all
}

const STRINGS: &[(&str, &str)] = &[
    ("clear screen", "\u{1b}[2J\u{1b}[H"),
    ("window title", "\u{1b}]0;owned\u{7}"),
    ("clipboard", "\u{1b}]52;c;ZXZpbA==\u{7}"),
    ("hyperlink", "\u{1b}]8;;http://evil.example\u{1b}\\click\u{1b}]8;;\u{1b}\\"),
    ("device control", "\u{1b}P$q\"p\u{1b}\\"),
    ("8-bit sequences", "\u{9b}31m\u{9d}0;x\u{9c}\u{90}"),
    ("bell and backspace", "\u{7}\u{8}\u{8}\u{7f}"),
    ("carriage return", "good\rbad"),
    ("lines", "one\r\ntwo\nthree\u{b}\u{c}\u{85}four"),
    ("line separators", "one\u{2028}two\u{2029}three"),
    ("NUL", "before\0after"),
    ("bidirectional marks", "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}txt.exe"),
    ("isolates", "\u{2066}\u{2067}\u{2068}\u{2069}\u{200e}\u{200f}\u{61c}"),
    ("zero width", "ad\u{200b}m\u{200c}i\u{200d}n\u{2060}\u{feff}\u{ad}"),
    ("tags", "\u{e0001}\u{e0041}\u{e007f}"),
    ("variation selectors and fillers", "\u{fe0f}\u{e0100}\u{3164}\u{ffa0}\u{115f}"),
    ("no characters, private use", "\u{fffe}\u{ffff}\u{e000}\u{f8ff}\u{10ffff}"),
    (
        "Azure Pipelines",
        "##vso[task.setvariable variable=x]y ##[error]z ##VSO[task.complete result=Succeeded;]",
    ),
    ("GitHub Actions", "::error file=x::y ::set-output name=a::b ::stop-commands::x ::add-mask::y"),
    ("GitHub Actions on a line of its own", "x\n::error::y"),
    ("TeamCity", "##teamcity[buildStatus status='SUCCESS']"),
    ("CDATA", "]]> <![CDATA[ -->"),
    ("script", "</script><script>alert(1)</script></style></title></textarea>"),
    ("image", "<img src=x onerror=alert(1)><svg/onload=x>"),
    ("attribute", "\" onmouseover=\"x\" ' onfocus='y' x=`z`"),
    ("entities", "&lt;b&gt; &#x202e; &#27; &amp"),
    ("Markdown", "|cell| `code` [a](javascript:x) ![b](http://x) <b> **c** _d_ # e @all $f$ \\"),
    ("Markdown blocks", "\n# title\n- item\n```\n> quote\n---|---\n<!-- "),
    ("spreadsheet", "=cmd|' /C calc'!A0"),
    ("spreadsheet, too", "@SUM(1+1)*cmd +1 -1 \t=1"),
    ("percent", "%0A%0D%25%2C%3A %AZP0A"),
    ("quotes", "\"}} 1\n# HELP x\nx{y=\"z\\\""),
    ("backslashes", "\\\" \\n \\u001b \\x1b[2J \\"),
    ("performance data", "x | a=1;2;3 'b'=4 | | "),
    ("TAP", "\nok 99 - z\nBail out! # SKIP # TODO\n...\n---\n"),
    ("shell", "$(touch x) `touch y` ; touch z & | > x $HOME \"' !x"),
    ("format", "{} {:?} %s %n ${x} {{x}}"),
    ("letters with marks", "z\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306} \u{fdfd}\u{1f469}\u{1f3fd}"),
];
