//! One table per registry of numbers: the name and the meaning of each code, unknown numbers kept.

/// Makes a code-point newtype and its one table.
///
/// A row is `CONST = number, "NAME in the specification", "one clause that says what it means";`.
/// An unknown number is kept as it came, prints in hex and has no name.
/// In JSON a code is `{"code": 5, "name": "HYBRID_REQUIRED_BY_SERVER"}`; `name` is null when unknown.
macro_rules! code_table {
    (
        $(#[$meta:meta])*
        $type:ident($int:ty) {
            $( $const:ident = $value:literal, $name:literal, $meaning:literal; )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $type(pub $int);

        impl $type {
            $( #[doc = $meaning] pub const $const: Self = Self($value); )*

            /// Every known code, in the order of the table.
            pub const ALL: &'static [Self] = &[$( Self($value) ),*];

            /// The specification's name, if the number is known.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 { $( $value => Some($name), )* _ => None }
            }

            /// What the code means, in one clause, if the number is known.
            #[must_use]
            pub const fn meaning(self) -> Option<&'static str> {
                match self.0 { $( $value => Some($meaning), )* _ => None }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "unknown {:#x}", self.0),
                }
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($type), "({:#x} {})"), self.0, self)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::wire::codes::NamedCode { code: u64::from(self.0), name: self.name().map(Into::into) }
                    .serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let named = $crate::wire::codes::NamedCode::deserialize(deserializer)?;
                <$int>::try_from(named.code).map(Self).map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> { "NamedCode".into() }
            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::wire::codes::NamedCode::json_schema(generator)
            }
        }
    };
}

/// How every code point stands in JSON.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct NamedCode {
    /// The number as it came over the wire.
    pub code: u64,
    /// The specification's name; null when the number is not known.
    pub name: Option<std::borrow::Cow<'static, str>>,
}

// Negotiation: protocols, flags, failure codes ([MS-RDPBCGR] 2.2.1.1.1, 2.2.1.2.1, 2.2.1.2.2).
pub mod negotiation;

// Standard RDP security: encryption methods and levels ([MS-RDPBCGR] 2.2.1.4.3).
pub mod encryption;

// TLS: versions and alerts (IANA registries).
pub mod tls;

// Cipher suites (IANA TLS Cipher Suites).
mod cipher_suites;

// NTSTATUS and SECURITY_STATUS values that CredSSP carries ([MS-ERREF] 2.3.1).
pub mod ntstatus;

// What Microsoft's client shows when a connection ends.
pub mod mstsc;

// Why a server disconnects: Set Error Info, the licensing phase ([MS-RDPBCGR] 2.2.5.1.1, 2.2.1.12.1.3).
pub mod error_info;

// Build numbers and the Windows products that have them.
pub mod windows;
