//! Pages of long lists, newest first.

use crate::http::dashboard::links::with_query;

/// The rows of one page.
pub(super) const ROWS: usize = 50;

/// One page of a list.
#[derive(Debug)]
pub(super) struct Page<Row> {
    pub(super) rows: Vec<Row>,
    /// How many rows come before this page.
    pub(super) from: usize,
    pub(super) total: usize,
    path: String,
    /// What the list is limited to, as parameters of the page's URL.
    limits: Vec<(&'static str, String)>,
}

impl<Row> Page<Row> {
    /// The page from a position on, of records that are newest first.
    pub(super) fn new<Record>(
        path: &str,
        limits: Vec<(&'static str, String)>,
        from: usize,
        mut records: impl Iterator<Item = Record>,
        row: impl Fn(Record) -> Row,
    ) -> Self {
        let before = records.by_ref().take(from).count();
        let rows: Vec<Row> = records.by_ref().take(ROWS).map(row).collect();
        let total = before + rows.len() + records.count();
        Self { rows, from: before, total, path: path.to_owned(), limits }
    }

    /// A page of rows that were counted before.
    pub(super) fn of(
        path: &str,
        limits: Vec<(&'static str, String)>,
        from: usize,
        (rows, total): (Vec<Row>, usize),
    ) -> Self {
        Self { rows, from, total, path: path.to_owned(), limits }
    }

    /// Which rows these are, such as `51 to 100 of 320`.
    pub(super) fn position(&self) -> String {
        match self.rows.len() {
            0 => self.total.to_string(),
            shown if shown == self.total => self.total.to_string(),
            shown => format!("{} to {} of {}", self.from + 1, self.from + shown, self.total),
        }
    }

    /// The URL of the newer rows, if there are any.
    pub(super) fn newer(&self) -> Option<String> {
        (self.from > 0).then(|| self.url(self.from.saturating_sub(ROWS)))
    }

    /// The URL of the older rows, if there are any.
    pub(super) fn older(&self) -> Option<String> {
        let next = self.from + self.rows.len();
        (next < self.total).then(|| self.url(next))
    }

    fn url(&self, from: usize) -> String {
        let from = if from == 0 { String::new() } else { from.to_string() };
        let mut parameters: Vec<(&str, &str)> =
            self.limits.iter().map(|(name, value)| (*name, value.as_str())).collect();
        parameters.push(("from", &from));
        with_query(&self.path, &parameters)
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    fn page(from: usize, count: usize) -> Page<usize> {
        Page::new("/list", vec![("q", "a b".to_owned())], from, 0..count, |row| row)
    }

    #[test]
    fn pages_lead_to_each_other() {
        let first = page(0, 120);
        assert_eq!((first.position().as_str(), first.newer()), ("1 to 50 of 120", None));
        assert_eq!(first.older().as_deref(), Some("/list?q=a%20b&from=50"));
        let last = page(100, 120);
        assert_eq!((last.rows.len(), last.older()), (20, None));
        assert_eq!(last.newer().as_deref(), Some("/list?q=a%20b&from=50"));
        assert_eq!(page(50, 120).newer().as_deref(), Some("/list?q=a%20b"));
    }

    #[test]
    fn a_short_list_has_one_page_and_a_position_beyond_the_end_none() {
        assert_eq!((page(0, 3).position().as_str(), page(0, 3).older(), page(0, 3).newer()), ("3", None, None));
        let beyond = page(900, 3);
        assert_eq!((beyond.rows.len(), beyond.total, beyond.older()), (0, 3, None));
    }
}
