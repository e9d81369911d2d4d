//! The registries of numbers as one kind of table: what each is called, its rows, and the observations of a code.

use super::kin::kin;
use crate::wire::codes::error_info::{ErrorInfo, LicenceError};
use crate::wire::codes::mstsc::{DisconnectCode, ExtendedReason};
use crate::wire::codes::negotiation::FailureCode;
use crate::wire::codes::ntstatus::NtStatus;
use crate::wire::codes::tls::AlertDescription;

/// One registry.
#[derive(Debug)]
pub struct Registry {
    /// The words that name it before a number.
    pub words: &'static [&'static str],
    /// What one of its numbers is, in lower case.
    pub title: &'static str,
    /// Whether its numbers are written in decimal.
    pub decimal: bool,
    /// Its rows.
    rows: fn() -> Vec<Row>,
    /// The templates of the observations that carry such a number; `{}` stands for it.
    observed: &'static [&'static str],
}

/// One code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The number.
    pub number: u32,
    /// The specification's name.
    pub name: &'static str,
    /// What it means, in one clause.
    pub meaning: &'static str,
}

macro_rules! rows {
    ($type:ident) => {
        || {
            let rows = $type::ALL.iter().filter_map(|code| {
                Some(Row { number: u32::from(code.0), name: code.name()?, meaning: code.meaning()? })
            });
            rows.collect()
        }
    };
}

/// Every registry, those that people meet most often first.
pub static REGISTRIES: &[Registry] = &[
    Registry {
        words: &["code", "mstsc", "disconnect"],
        title: "disconnect code of the client",
        decimal: false,
        rows: rows!(DisconnectCode),
        observed: &["says.code.{}"],
    },
    Registry {
        words: &["extended", "extended-reason"],
        title: "extended reason of the client",
        decimal: false,
        rows: rows!(ExtendedReason),
        // The client repeats what the server sent as Set Error Info.
        observed: &["says.extended.{}", "errinfo.{}"],
    },
    Registry {
        words: &["negfail", "neg_failure", "rdp_neg_failure", "failure"],
        title: "negotiation failure",
        decimal: true,
        rows: rows!(FailureCode),
        observed: &["x224.negfail.{}"],
    },
    Registry {
        words: &["errinfo", "errorinfo"],
        title: "Set Error Info code of the server",
        decimal: false,
        rows: rows!(ErrorInfo),
        observed: &["errinfo.{}", "says.extended.{}"],
    },
    Registry {
        words: &["ntstatus", "status", "hresult"],
        title: "NTSTATUS or SECURITY_STATUS value",
        decimal: false,
        rows: rows!(NtStatus),
        observed: &["nla.errcode.{}", "says.code.{}"],
    },
    Registry {
        words: &["alert", "tls"],
        title: "TLS alert",
        decimal: true,
        rows: rows!(AlertDescription),
        observed: &["tls.alert.{}.ch", "nla.alert.{}"],
    },
    Registry {
        words: &["licence", "license"],
        title: "licence error",
        decimal: true,
        rows: rows!(LicenceError),
        observed: &["lic.error.{}"],
    },
];

impl Registry {
    /// Every code, in the order of its table.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        (self.rows)()
    }

    /// The number as it is written.
    #[must_use]
    pub fn written(&self, number: u32) -> String {
        if self.decimal { number.to_string() } else { format!("{number:#x}") }
    }

    /// Whether an observation carries this number, and no other registry's.
    pub(super) fn is_own(&self, id: &str, number: u32) -> bool {
        self.observations(number).first().is_some_and(|own| own == id)
    }

    /// The ids of the observations that carry this number, the registry's own first, then what means the same.
    pub(super) fn observations(&self, number: u32) -> Vec<String> {
        let digits = if self.decimal { number.to_string() } else { format!("{number:x}") };
        let same = self.words.first().into_iter().flat_map(|word| kin(word, number)).map(str::to_owned);
        self.observed.iter().map(|template| template.replace("{}", &digits)).chain(same).collect()
    }
}
