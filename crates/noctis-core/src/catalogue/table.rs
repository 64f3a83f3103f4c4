//! One table of the static data: rows in id order, found by id or by exact name.

/// What a table needs of its rows.
pub trait Row {
    fn id(&self) -> i64;
    fn name(&self) -> &str;
}

/// Rows sorted by id. Both look-ups are binary searches; nothing is allocated for a row but its name.
#[derive(Debug, PartialEq)]
pub struct Table<T> {
    /// The rows' ids alone, so that a search stays within few cache lines.
    ids: Vec<i64>,
    rows: Vec<T>,
    /// Hash of the case-folded name and place of the row, sorted.
    names: Vec<(u64, usize)>,
}

impl<T: Row> Table<T> {
    /// The row with this id.
    pub fn get(&self, id: i64) -> Option<&T> {
        self.ids.binary_search(&id).ok().map(|place| &self.rows[place])
    }

    /// Its name, where the id is known.
    pub fn name(&self, id: i64) -> Option<&str> {
        self.get(id).map(Row::name)
    }

    /// All rows of exactly this name, upper and lower case alike, in id order. Names are not unique in EVE.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a T> {
        let hash = folded_hash(name);
        let first = self.names.partition_point(|(other, _)| *other < hash);
        self.names[first..]
            .iter()
            .take_while(move |(other, _)| *other == hash)
            .map(|(_, place)| &self.rows[*place])
            .filter(move |row| folded(row.name()).eq(folded(name)))
    }

    /// All rows in id order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.rows.iter()
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Sorts the rows by id. None when two have the same id.
    pub fn new(mut rows: Vec<T>) -> Option<Table<T>> {
        rows.sort_by_key(Row::id);
        let ids: Vec<i64> = rows.iter().map(Row::id).collect();
        let mut names: Vec<(u64, usize)> =
            rows.iter().enumerate().map(|(place, row)| (folded_hash(row.name()), place)).collect();
        names.sort_unstable();
        let unique = ids.is_sorted_by(|one, next| one < next);
        unique.then_some(Table { ids, rows, names })
    }
}

impl<T> Default for Table<T> {
    fn default() -> Table<T> {
        Table { ids: Vec::new(), rows: Vec::new(), names: Vec::new() }
    }
}

impl<'a, T: Row> IntoIterator for &'a Table<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> std::slice::Iter<'a, T> {
        self.iter()
    }
}

fn folded(name: &str) -> impl Iterator<Item = char> {
    name.chars().flat_map(char::to_lowercase)
}

/// FNV-1a over the folded characters: the same in every process, and fast on short names.
fn folded_hash(name: &str) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    folded(name)
        .fold(OFFSET, |hash, letter| (hash ^ u64::from(u32::from(letter))).wrapping_mul(PRIME))
}
