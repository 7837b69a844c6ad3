#ifndef PDP_LIBS_HOST_STREAM_WORK_H_
#define PDP_LIBS_HOST_STREAM_WORK_H_

#include <thread>

namespace pdp::host {

// To be called when a stream is done whose replies `work` made: the last thing that thread did, or
// is doing at this moment as the caller, was to end the stream.
inline void EndWork(std::thread& work) {
  if (work.get_id() == std::this_thread::get_id()) {
    work.detach();
  } else {
    work.join();
  }
}

}  // namespace pdp::host

#endif  // PDP_LIBS_HOST_STREAM_WORK_H_
