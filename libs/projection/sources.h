#ifndef PDP_LIBS_PROJECTION_SOURCES_H_
#define PDP_LIBS_PROJECTION_SOURCES_H_

#include <functional>
#include <memory>

#include "grpcpp/channel.h"
#include "libs/projection/event_source.h"
#include "libs/projection/projection.h"
#include "libs/projection/pulse.h"

namespace pdp::projection {

// The service's own public events, straight from the rows of its publisher. `rows` and `pulse`
// (beaten when there are new rows) outlive the source. Poll fails as the rows do.
std::unique_ptr<EventSource> MakeLocalSource(const RowReader& rows, Pulse& pulse,
                                             SourceRequest request);

// A peer's public events through its EventFeed. `channel` is asked at each (re)connection, so a
// peer may come back under another address. One reading thread; at most kFeedBufferedMax events are
// held, then the stream is left unread and the peer waits. Never fails: a broken stream is resumed
// after the last event, with 100 ms doubling to 5 s between attempts.
inline constexpr size_t kFeedBufferedMax = 256;
std::unique_ptr<EventSource> MakeFeedSource(
    std::function<std::shared_ptr<grpc::Channel>()> channel, SourceRequest request);

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_SOURCES_H_
