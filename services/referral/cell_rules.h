#ifndef PDP_SERVICES_REFERRAL_CELL_RULES_H_
#define PDP_SERVICES_REFERRAL_CELL_RULES_H_

#include <map>
#include <optional>
#include <string>

#include "libs/engine/cell_reader.h"
#include "services/referral/domain/in_force.h"

namespace pdp::referral {

// The rules in force in a cell, for a query or a process, as long as it lives (in_force.h); those
// that are shipped for what cannot be read. For the thread that makes it.
//
//   const CellRules rules(host_.reader(area), today);
//   Policy::InForce(today)...
class CellRules {
 public:
  // `cell` may be null: the shipped rules.
  CellRules(const engine::CellReader* cell, Date today)
      : cell_(cell), in_force_([this](absl::string_view name) { return Find(name); }, today) {}

 private:
  const v1::Settings* Find(absl::string_view name) {
    auto [known, fresh] = read_.try_emplace(std::string(name));
    if (fresh && cell_ != nullptr) {
      const auto read = cell_->ReadState(SettingsId(name));
      if (read.ok()) known->second = static_cast<const v1::State&>(*read->state).settings();
    }
    return known->second ? &*known->second : nullptr;
  }

  const engine::CellReader* const cell_;
  std::map<std::string, std::optional<v1::Settings>> read_;
  const RulesInForce in_force_;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_CELL_RULES_H_
