#ifndef PDP_LIBS_SIM_CHECKS_H_
#define PDP_LIBS_SIM_CHECKS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/sim/history.h"
#include "libs/sim/world.h"

namespace pdp::sim {

// What is judged alike whatever is played: answers against the accepted history, and that every
// replica holds that history. The judge of a play builds on it.
class Checks {
 public:
  explicit Checks(World& world);

 protected:
  template <typename... Parts>
  void Broken(const Parts&... parts) {
    if (problem_.empty()) problem_ = absl::StrCat(parts...);
  }
  // Damaged or broken chains.
  void CheckHistories();
  // An answer names a record that is accepted at its position and was stored before it; "not
  // written" of all attempts means not there. Uses seq_of_.
  void CheckAnswers();
  // One leader; every replica at the end of the history, by position, hash, archive and inbox.
  void CheckReplicas(Area area);

  World& world_;
  std::string problem_;
  std::map<int, History> histories_;
  // (area, command id) -> seq.
  std::map<std::pair<int, std::string>, uint64_t> seq_of_;

 private:
  void CheckCommitted(const Attempt& attempt, const engine::Committed& committed);
  void CheckInbox(Node& node, Area area, const std::string& name);
};

// After the log was cut behind everybody's back: whoever has read more than it holds has stopped.
std::string CheckTruncated(World& world);

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_CHECKS_H_
