#ifndef PDP_LIBS_BASE_SHA256_STREAM_H_
#define PDP_LIBS_BASE_SHA256_STREAM_H_

#include <memory>

#include "absl/strings/string_view.h"
#include "libs/base/hash.h"

namespace pdp {

// SHA-256 of bytes that come in pieces. Finish once, and nothing after it.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;

  void Add(absl::string_view bytes);
  Digest Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pdp

#endif  // PDP_LIBS_BASE_SHA256_STREAM_H_
