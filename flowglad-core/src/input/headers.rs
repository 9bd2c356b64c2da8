//! The headers of a request or response, whatever the framework.

/// Access to the headers of a request or response. Each adapter implements it for the framework's type.
pub trait Headers {
    /// The first value of a header, whose name is in lower case. A value that is not text is the empty text, so that it is
    /// not taken for a header that is absent.
    fn header(&self, name: &str) -> Option<&str>;

    /// All values of a header, in their order: HTTP/2 may split the cookies into several headers.
    fn all(&self, name: &str) -> Vec<&str> {
        self.header(name).into_iter().collect()
    }
}
