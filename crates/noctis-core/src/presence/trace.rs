//! What a mail may be looked for by, apart from who was there and where: it is not counted, but the months that have it are known.
//!
//! A month that has it once is said to have it for ever, whatever becomes of the kill: it leads a search, and answers nothing.

/// Something that a mail has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trace {
    /// A type among its items, those in containers included.
    Item(i64),
    Label(String),
    ModuleTag(String),
}

impl Trace {
    /// All of a mail's.
    pub fn of_mail<'a>(
        item_type_ids: &[i32],
        labels: impl IntoIterator<Item = &'a str>,
        module_tags: impl IntoIterator<Item = &'a str>,
    ) -> Vec<Trace> {
        let items = item_type_ids.iter().map(|id| Trace::Item(i64::from(*id)));
        let labels = labels.into_iter().map(|label| Trace::Label(label.to_owned()));
        let tags = module_tags.into_iter().map(|tag| Trace::ModuleTag(tag.to_owned()));
        items.chain(labels).chain(tags).collect()
    }

    /// The number in the column `kind`.
    pub fn kind(&self) -> i16 {
        match self {
            Trace::Item(_) => 1,
            Trace::Label(_) => 2,
            Trace::ModuleTag(_) => 3,
        }
    }

    /// The text in the column `trace`: the word, or a type's id.
    pub fn text(&self) -> String {
        match self {
            Trace::Item(id) => id.to_string(),
            Trace::Label(word) | Trace::ModuleTag(word) => word.clone(),
        }
    }
}
