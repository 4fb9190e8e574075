//! Turns what a document calls its operations, parameters, fields and schemas into Rust names.

use heck::{ToPascalCase, ToSnakeCase};

/// Names that generated code uses without a path.
const RESERVED_TYPES: [&str; 34] = [
    "Self",
    "Option",
    "Some",
    "None",
    "Vec",
    "String",
    "Box",
    "Result",
    "Ok",
    "Err",
    "Default",
    "Clone",
    "Copy",
    "Debug",
    "Display",
    "From",
    "Into",
    "TryFrom",
    "TryInto",
    "AsRef",
    "Drop",
    "Fn",
    "FnMut",
    "FnOnce",
    "Iterator",
    "Send",
    "Sync",
    "Sized",
    "Unpin",
    "ToString",
    "ToOwned",
    "PartialEq",
    "Eq",
    "Patch",
];

/// Turns any text into the name of a Rust type.
#[must_use]
pub(super) fn type_name(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let mut name = spaced.to_pascal_case();
    // The generator cases names again; it must find them as they are.
    for _ in 0..4 {
        let again = name.to_pascal_case();
        if again == name {
            break;
        }
        name = again;
    }
    match name.chars().next() {
        None => "Schema".into(),
        Some(c) if c.is_ascii_digit() => format!("N{name}").to_pascal_case(),
        Some(_) if RESERVED_TYPES.contains(&name.as_str()) => format!("{name}Type"),
        Some(_) => name,
    }
}

/// Converts any text to Pascal case.
#[must_use]
pub(super) fn pascal_case(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    spaced.to_pascal_case()
}

/// Converts any text to snake case: a valid identifier, not a keyword.
#[must_use]
pub(super) fn snake_case(text: &str) -> String {
    let spaced: String = text
        .chars()
        .filter(|c| *c != '\'')
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .collect();
    let name = spaced.to_snake_case();
    match name.chars().next() {
        None => "x".into(),
        Some(c) if c.is_ascii_digit() => format!("n{name}"),
        // Reserved since edition 2024, which the generator does not know.
        Some(_) if name == "gen" => "gen_value".into(),
        Some(_) => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_name_is_stable_under_pascal_case() {
        for text in [
            "OAuth2Client",
            "ABTest",
            "V1UserDTO",
            "x-y_z",
            "A1B2c3",
            "IPv6",
        ] {
            let name = type_name(text);
            assert_eq!(name.to_pascal_case(), name, "{text}");
        }
    }
}
