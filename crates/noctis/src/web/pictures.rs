//! Portraits, logos and renders from EVE's image server, or none where they are switched off.

use super::links::Kind;

/// An image of a server that is not ours. A page has to look right when it does not come.
#[derive(Clone)]
pub(super) struct Picture {
    pub(super) src: String,
    pub(super) alt: String,
    /// Stands in its place meanwhile.
    pub(super) initial: String,
    /// Pixels of a side as it is shown.
    pub(super) side: u32,
}

/// Where pictures come from.
#[derive(Clone, Copy)]
pub(super) struct Pictures<'a> {
    pub(super) server: Option<&'a str>,
}

impl Pictures<'_> {
    /// The picture of an entity, asked for at twice the side for dense screens. Places and groups have none.
    pub(super) fn of(self, kind: Kind, id: i64, name: &str, side: u32) -> Option<Picture> {
        let server = self.server?;
        let (path, shows, what) = match kind {
            Kind::Character => ("characters", "portrait", "Portrait"),
            Kind::Corporation => ("corporations", "logo", "Logo"),
            Kind::Alliance => ("alliances", "logo", "Logo"),
            // The server draws renders for large sides only.
            Kind::Ship if side >= 64 => ("types", "render", "Render"),
            Kind::Ship => ("types", "icon", "Icon"),
            Kind::System | Kind::Constellation | Kind::Region | Kind::ShipGroup => return None,
        };
        let pixels = (side * 2).clamp(32, 512);
        // An id that stands for a name has no initial.
        let is_named = !name.ends_with(&format!(" {id}"));
        let initial = name.chars().next().filter(|_| is_named).unwrap_or('?');
        Some(Picture {
            src: format!("{server}/{path}/{id}/{shows}?size={pixels}"),
            alt: format!("{what} of {name}"),
            initial: initial.to_string(),
            side,
        })
    }
}
