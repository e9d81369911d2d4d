//! The scripts of `rdprobe collect`: they read only, parse on old Windows, and stay within Azure's bound.

use std::process::Command;

use rdprobe::diagnosis::guest::collect::{CMD, POWERSHELL};

/// Whatever writes, starts, stops or installs, in PowerShell and in CMD.
const FORBIDDEN: &[&str] = &[
    "set-",
    "remove-",
    "new-",
    "add-",
    "clear-",
    "start-",
    "stop-",
    "restart-",
    "enable-",
    "disable-",
    "invoke-",
    "out-file",
    "-repair",
    "import-",
    "export-",
    "rename-",
    "move-",
    "copy-",
    "register-",
    "install-",
    "update-",
    "reg add",
    "reg delete",
    "reg import",
    "reg load",
    "sc config",
    "sc start",
    "sc stop",
    "net stop",
    "net start",
    "takeown",
    "/grant",
    "/reset",
    "advfirewall set",
    "firewall set",
    "interface set",
    "/set",
    "/deletevalue",
    "shutdown",
    "del ",
    "wevtutil cl",
    "/resync",
    "tee-object",
    " > ",
    ">>",
    "password",
    "credential",
];

#[test]
fn both_scripts_are_printed_as_they_are() {
    for (shell, script) in [("powershell", POWERSHELL), ("cmd", CMD)] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_rdprobe")).args(["collect", "--shell", shell]).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), script);
    }
    assert!(POWERSHELL.contains("az vm run-command invoke -g GROUP -n VM --command-id RunPowerShellScript"));
}

#[test]
fn the_scripts_change_nothing() {
    for script in [POWERSHELL, CMD] {
        assert!(script.is_ascii());
        for line in script.lines().filter(|line| !line.starts_with('#') && !line.starts_with("@rem")) {
            let lower = line.to_lowercase();
            for word in FORBIDDEN {
                assert!(!lower.contains(word), "{word}: {line}");
            }
        }
    }
}

/// Cmdlets and operators that Windows PowerShell 4 has; what came later (`??`, `?.`, `&&`, `-Parallel`) is missing.
const CMDLETS: &[&str] = &[
    "Get-Acl",
    "Get-ChildItem",
    "Get-Date",
    "Get-Item",
    "Get-ItemProperty",
    "Get-Process",
    "Get-WinEvent",
    "Get-WmiObject",
    "Group-Object",
    "Select-Object",
    "Sort-Object",
    "Split-Path",
    "Test-ComputerSecureChannel",
    "Test-Path",
    "Where-Object",
    "Write-Output",
];

#[test]
fn the_powershell_script_uses_reading_cmdlets_of_windows_powershell_4() {
    let code = without_strings_and_comments(POWERSHELL);
    for word in code.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-') {
        let (verb, noun) = word.split_once('-').unwrap_or((word, ""));
        let cmdlet = !verb.is_empty() && noun.chars().next().is_some_and(char::is_uppercase);
        assert!(!cmdlet || CMDLETS.contains(&word), "{word}");
    }
    for operator in ["??", "?.", "&&", "||", " ? "] {
        assert!(!code.contains(operator), "{operator}");
    }
}

#[test]
fn brackets_and_quotes_of_the_powershell_script_close() {
    let mut open = Vec::new();
    for letter in without_strings_and_comments(POWERSHELL).chars() {
        match letter {
            '(' => open.push(')'),
            '{' => open.push('}'),
            '[' => open.push(']'),
            ')' | '}' | ']' => assert_eq!(open.pop(), Some(letter)),
            _ => {}
        }
    }
    assert!(open.is_empty(), "{open:?}");
    for line in CMD.lines() {
        assert_eq!(line.matches('"').count() % 2, 0, "{line}");
    }
}

#[test]
fn the_output_is_bounded_below_what_azure_returns() {
    let bound = POWERSHELL
        .split("-gt ")
        .filter_map(|rest| rest.split(')').next()?.parse::<usize>().ok())
        .max()
        .unwrap();
    assert!(bound + "end|cut|999\r\n".len() <= 4096, "{bound}");
}

/// Every kind of line that the script prints is read: a kind that only one of the two knows is a misprint.
#[test]
fn the_reader_knows_every_key_of_the_script() {
    for line in POWERSHELL.lines().map(str::trim).filter(|line| line.starts_with("Values '")) {
        let short = line.split('\'').nth(1).unwrap();
        let name = line.rsplit("@('").next().unwrap().split('\'').next().unwrap();
        let count = |text: &str| rdprobe::diagnosis::guest::read("a", text.as_bytes()).unwrap().len();
        let bare = count("rdprobe-guest/1\nend|complete\n");
        let read = ["0", "1", "2", "12345"]
            .iter()
            .any(|data| count(&format!("rdprobe-guest/1\nr|{short}|{name}|{data}\nend|complete\n")) > bare);
        // What this key is worth depends on the machine's addresses.
        let read = read || short == "CS";
        assert!(read, "{line}");
    }
}

/// The script without comments and without what stands in quotes; subexpressions in double quotes are not used.
fn without_strings_and_comments(script: &str) -> String {
    let mut code = String::new();
    for line in script.lines() {
        let mut quote = None;
        for letter in line.chars() {
            match quote {
                Some(open) if letter == open => quote = None,
                Some(_) => {}
                None if letter == '\'' || letter == '"' => quote = Some(letter),
                None if letter == '#' => break,
                None => code.push(letter),
            }
        }
        assert_eq!(quote, None, "a string does not close: {line}");
        code.push('\n');
    }
    code
}
