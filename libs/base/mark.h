#ifndef PDP_LIBS_BASE_MARK_H_
#define PDP_LIBS_BASE_MARK_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

namespace pdp {

// Counts how often a rare branch was taken, so that a simulation can prove that it has been there.
// One relaxed increment, and the check of a local static; for rare branches only. Thread-safe.
//
//   if (stale) { PDP_MARK("claim_aborted"); ... }
class Mark {
 public:
  explicit Mark(const char* name);
  void Hit() { hits_.fetch_add(1, std::memory_order_relaxed); }
  // Of this process, by name: every branch that was taken, and how often.
  static std::map<std::string, uint64_t> All();

 private:
  const char* const name_;
  std::atomic<uint64_t> hits_{0};
};

}  // namespace pdp

#define PDP_MARK(name)                                      \
  do {                                                      \
    static ::pdp::Mark* const mark = new ::pdp::Mark(name); \
    mark->Hit();                                            \
  } while (false)

#endif  // PDP_LIBS_BASE_MARK_H_
