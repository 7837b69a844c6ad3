#ifndef PDP_LIBS_ENGINE_CONTEXTS_H_
#define PDP_LIBS_ENGINE_CONTEXTS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "libs/base/area.h"

namespace pdp::engine {

// Where sealed bytes are kept; authenticated with them, so they open nowhere else.
std::string EventContext(const std::string& service, Area area, absl::string_view aggregate,
                         uint64_t version);
std::string StateContext(const std::string& service, Area area, absl::string_view aggregate);

}  // namespace pdp::engine

#endif  // PDP_LIBS_ENGINE_CONTEXTS_H_
