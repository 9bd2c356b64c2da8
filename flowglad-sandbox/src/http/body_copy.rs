//! Copies a body as it passes by. What reads the body gets it as before.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    Error,
    body::{Body, Bytes},
};
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::exchange_log::BodyCopy;

struct Copying {
    body: Body,
    copy: BodyCopy,
}

/// The same body; its bytes are added to the copy as they are read.
pub(crate) fn copying(body: Body, copy: BodyCopy) -> Body {
    Body::new(Copying { body, copy })
}

impl HttpBody for Copying {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(part) = frame.data_ref()
        {
            self.copy.add(part);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
