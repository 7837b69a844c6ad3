#include "absl/strings/escaping.h"
#include "libs/base/hash.h"
#include "services/subcontractor/domain/commands.h"

// CommitSeed, RevealSeed: a seed nobody can time (SUB-45).

namespace pdp::subcontractor {

Verdict Decide(Unit& unit, const v1::CommitSeed& command, const Facts& facts) {
  if (!IsSystem(facts)) return SystemOnly();
  Checks checks;
  const auto date = checks.DateField(command.date(), "date");
  checks.Require(!date || *date >= Today(facts), "date", "must not lie in the past");
  checks.Require(command.seed().size() == 32, "seed", "must be 32 bytes");
  if (!checks.ok()) return checks.Failed();
  if (FindPool(unit, facts.area, command.service()) == nullptr) {
    return decider::NotFound(PoolId(facts.area, command.service()));
  }
  // One a day: the first stands.
  if (FindSeed(unit, facts.area, command.service(), command.date()) != nullptr) {
    return decider::StateForbidsCommand("COMMITTED");
  }
  v1::Event event;
  v1::SeedCommitted* committed = event.mutable_seed_committed();
  committed->set_service(command.service());
  committed->set_date(command.date());
  committed->set_sha256_hex(Sha256(command.seed()).hex());
  committed->set_seed(command.seed());
  unit.Emit(SeedId(facts.area, command.service(), command.date()), std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::RevealSeed& command, const Facts& facts) {
  if (!IsSystem(facts)) return SystemOnly();
  Checks checks;
  const auto date = checks.DateField(command.date(), "date");
  if (!checks.ok()) return checks.Failed();
  const AggregateId id = SeedId(facts.area, command.service(), command.date());
  const v1::SeedState* seed = FindSeed(unit, facts.area, command.service(), command.date());
  if (seed == nullptr) return decider::NotFound(id);
  const std::string revealed = command.seed().empty() ? seed->seed() : command.seed();
  if (Sha256(revealed).hex() != seed->sha256_hex()) {
    return decider::Reject("SEED_MISMATCH", "the seed is not the one committed to");
  }
  // Sealed until its day is over.
  if (*date >= Today(facts)) return decider::StateForbidsCommand("SEALED");
  if (seed->revealed()) return v1::Reply();
  v1::Event event;
  v1::SeedRevealed* out = event.mutable_seed_revealed();
  out->set_service(command.service());
  out->set_date(command.date());
  out->set_seed_hex(absl::BytesToHexString(revealed));
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

}  // namespace pdp::subcontractor
