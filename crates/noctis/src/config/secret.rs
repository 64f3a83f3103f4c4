//! What must not be shown: of a database's address its password, of a secret everything.
//!
//! Where the text is malformed too much is hidden rather than too little.

use std::fmt;

pub(super) const MASK: &str = "***";

/// A secret. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("a secret".into()) } else { Ok(Self(text.into())) }
    }

    /// The secret itself; for using, not for showing.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// The address of a PostgreSQL server. Its `Debug` and `Display` hide the password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
        if is_url || (!text.contains("://") && text.contains("host=")) {
            Ok(Self(text.into()))
        } else {
            Err("the address of a PostgreSQL server, such as postgres://noctis@localhost/noctis"
                .into())
        }
    }

    /// The whole address, password included; for connecting, not for showing.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask(&self.0))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The same address with each password replaced: between user and host, or as a parameter of either form.
pub(super) fn mask(text: &str) -> String {
    match text.split_once("://") {
        Some((scheme, rest)) => {
            format!("{scheme}://{}", mask_parameter(&mask_user_info(rest), Some('&')))
        }
        // Between keywords a password may be quoted and hold anything, so all that follows it is hidden.
        None => mask_parameter(text, None),
    }
}

/// Hides what stands between the first `:` and the last `@`; a password may hold an unescaped `@` or `/`.
fn mask_user_info(rest: &str) -> String {
    match rest.rsplit_once('@') {
        Some((user_info, host)) => match user_info.split_once(':') {
            Some((user, _)) => format!("{user}:{MASK}@{host}"),
            None => rest.into(),
        },
        None => rest.into(),
    }
}

/// Hides what follows `password` or `sslpassword`, up to the separator or the end.
fn mask_parameter(text: &str, separator: Option<char>) -> String {
    let Some(start) = text.to_ascii_lowercase().find("password") else { return text.into() };
    let Some(equals) = text[start..].find('=') else { return text.into() };
    let (shown, hidden) = text.split_at(start + equals + 1);
    match separator.and_then(|separator| hidden.split_once(separator)) {
        Some((_, rest)) => format!("{shown}{MASK}&{}", mask_parameter(rest, separator)),
        None => format!("{shown}{MASK}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_an_address_is_hidden_and_the_rest_is_not() {
        let check = |address: &str, shown: &str| assert_eq!(mask(address), shown);
        check("postgres://noctis@db:5432/kills", "postgres://noctis@db:5432/kills");
        check("postgres://db/kills?sslmode=require", "postgres://db/kills?sslmode=require");
        check("postgres://noctis:hunter2@db:5432/kills", "postgres://noctis:***@db:5432/kills");
        check("postgres://noctis:hun/t@er2@db/kills", "postgres://noctis:***@db/kills");
        check(
            "postgres://db/kills?user=a&password=hunter2&sslpassword=hunter2&port=1",
            "postgres://db/kills?user=a&password=***&sslpassword=***&port=1",
        );
        check("host=db user=a password = 'hunter2 it''s' dbname=b", "host=db user=a password =***");
    }

    #[test]
    fn printing_a_database_url_hides_its_password() {
        let url = DatabaseUrl::read("postgresql://noctis:hunter2@db/kills").unwrap();
        assert!(!format!("{url} {url:?}").contains("hunter2"));
        assert_eq!(url.reveal(), "postgresql://noctis:hunter2@db/kills");
    }

    #[test]
    fn another_kind_of_database_is_refused() {
        assert!(DatabaseUrl::read("mysql://db/kills?host=db").is_err());
        assert!(DatabaseUrl::read("localhost").is_err());
        assert!(DatabaseUrl::read("host=/run/postgresql user=noctis").is_ok());
    }
}
