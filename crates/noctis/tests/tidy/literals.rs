//! The string literals in Rust source, found without a parser, for the rule about SQL.

/// The text of each string literal in Rust source, escapes as written; comments and characters are passed over.
pub(crate) fn string_literals(source: &str) -> Vec<&str> {
    let mut literals = vec![];
    let mut rest = source;
    while let Some(at) = rest.find(['"', '/', '\'', 'r']) {
        let (before, here) = rest.split_at(at);
        let is_in_word = before.ends_with(|c: char| c.is_alphanumeric() && c != 'b' || c == '_');
        let (literal, taken) = literal_at_start(here, is_in_word);
        literals.extend(literal);
        rest = here.get(taken..).unwrap_or_default();
    }
    literals
}

/// The literal that begins here, if one does, and how many bytes it takes, or else the comment or character here.
fn literal_at_start(here: &str, is_in_word: bool) -> (Option<&str>, usize) {
    if here.starts_with("//") {
        return (None, here.find('\n').unwrap_or(here.len()));
    }
    if here.starts_with("/*") {
        return (None, here.find("*/").map_or(here.len(), |end| end + 2));
    }
    if let Some(body) = here.strip_prefix('"') {
        let end = closing(body, '"');
        return (Some(&body[..end]), end + 2);
    }
    if let Some(body) = here.strip_prefix('\'') {
        // A character is closed right after it; a lifetime is not.
        let width = body.chars().next().map_or(0, char::len_utf8);
        let is_character = body.starts_with('\\') || body[width..].starts_with('\'');
        return (None, if is_character { closing(body, '\'') + 2 } else { 1 });
    }
    let Some(raw) = here.strip_prefix('r').filter(|_| !is_in_word) else { return (None, 1) };
    let body = raw.trim_start_matches('#');
    let hashes = raw.len() - body.len();
    let Some(body) = body.strip_prefix('"') else { return (None, 1) };
    let end = body.find(&format!("\"{}", "#".repeat(hashes))).unwrap_or(body.len());
    (Some(&body[..end]), 2 * hashes + end + 3)
}

/// Where the closing mark stands that no backslash precedes.
fn closing(body: &str, mark: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in body.char_indices() {
        if c == mark && !is_escaped {
            return at;
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    body.len()
}

#[test]
fn literals_are_told_from_comments_characters_and_lifetimes() {
    let source = r##"
        // "a comment"
        /* "another" */
        fn f<'a>(x: &'a str) { g("one \" two", '"', '\'', b"three", '\'', r#"four "five""#, r"six\"); }
    "##;
    assert_eq!(string_literals(source), [r#"one \" two"#, "three", r#"four "five""#, r"six\"]);
}
