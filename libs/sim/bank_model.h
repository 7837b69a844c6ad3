#ifndef PDP_LIBS_SIM_BANK_MODEL_H_
#define PDP_LIBS_SIM_BANK_MODEL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pdp/testing/v1/bank.pb.h"

namespace pdp::sim {

class World;

// Begins every name of a person.
inline constexpr char kPersonalName[] = "Personal-Name-";

// Judges a run of the bank that has ended by the model. Empty when every promise was kept.
std::string CheckBank(World& world);

// What the bank of the tests should do, written again in the plainest way and without anything of
// the engine: the judge of every answer. One model, one area.
struct BankModel {
  struct Account {
    bool opened = false;
    bool closed = false;
    int64_t pence = 0;
    std::string name;
    std::optional<int64_t> closes_at;
    uint64_t version = 0;
  };
  struct Alias {
    std::string owner;
    uint64_t version = 0;
  };
  struct Timer {
    int64_t due_s = 0;
    testing::v1::Command command;
  };
  struct Result {
    // Of a refusal; empty when it takes effect.
    std::string reason;
    // "account/T1@3 Deposited", in order.
    std::vector<std::string> events;
    std::optional<int64_t> balance;
  };

  // What `command` gives now; with `apply` it also happens.
  Result Run(const testing::v1::Command& command, bool apply);
  // Everything that accounts hold, in pence.
  int64_t Money() const;

  std::map<std::string, Account> accounts;
  std::map<std::string, Alias> aliases;
  std::map<std::string, Timer> timers;

 private:
  bool Open(const std::string& owner) const;
  void Happened(const std::string& owner, const char* type, Result* result);
};

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_BANK_MODEL_H_
