#include "services/programmes/estimate.h"

#include <algorithm>

#include "services/programmes/domain/catalogue.h"

namespace pdp::programmes {

Tokens ReadTokens(const google::protobuf::RepeatedPtrField<std::string>& tokens) {
  Tokens result;
  for (const std::string& token : tokens) {
    if (token == "TRAUMA_INFORMED_STAFF") result.woman = true;
    if (token == "ACCESSIBLE_MATERIALS") result.ldc = true;
    if (token == "WOMEN_ONLY_GROUP") result.women_only = true;
    if (token == "ONE_TO_ONE") result.one_to_one = true;
  }
  return result;
}

bool Admits(const v1::ProgrammeVersion& version, const Tokens& tokens) {
  const std::string sex = tokens.woman ? "F" : "M";
  return std::find(version.admits_sexes().begin(), version.admits_sexes().end(), sex) !=
         version.admits_sexes().end();
}

std::optional<Date> LastDate(const v1::Group& group) {
  std::optional<Date> last;
  for (const v1::Session& session : group.sessions()) {
    const std::optional<Date> date = ParseDate(session.date());
    if (date && (!last || *last < *date)) last = date;
  }
  return last;
}

bool MayJoin(const v1::ProgrammeVersion& version, const Joinable& candidate, const Tokens& tokens,
             Date from) {
  const v1::Group& group = candidate.group;
  if (group.status() != v1::SCHEDULED && group.status() != v1::CONFIRMED &&
      group.status() != v1::RUNNING) {
    return false;
  }
  const bool open = std::any_of(
      group.sessions().begin(), group.sessions().end(), [&](const v1::Session& session) {
        const auto date = ParseDate(session.date());
        return session.row() == version.join_last_row() && date && *date > from;
      });
  if (!open || group.members_size() >= group.size().max()) return false;
  // PRG-50.
  if ((group.sex_mode() == v1::WOMEN && !tokens.woman) ||
      (group.sex_mode() == v1::MEN && tokens.woman)) {
    return false;
  }
  // PRG-42: nobody may be, or stay, the one woman among others.
  const int women = candidate.women + (tokens.woman ? 1 : 0);
  const int others = candidate.others + (tokens.woman ? 0 : 1);
  if (group.sex_mode() == v1::MIXED && women == 1 && others > 0) return false;
  if (!tokens.woman) return true;
  // PRG-43, 44.
  if (tokens.one_to_one || (tokens.women_only && group.sex_mode() != v1::WOMEN)) return false;
  return candidate.trauma_informed;
}

std::vector<v1::EstimateCompletionReply::Estimate> Estimate(const std::string& route,
                                                            const Tokens& tokens, Date from,
                                                            const GroupsOf& groups_of) {
  std::vector<v1::EstimateCompletionReply::Estimate> estimates;
  for (const v1::ProgrammeVersion& version : ShippedCatalogue().versions()) {
    if (version.route() != route || version.status() != "PUBLISHED" || !Admits(version, tokens)) {
      continue;
    }
    const auto opens = ParseDate(version.effective_from());
    const auto closes = ParseDate(version.effective_to());
    if ((opens && from < *opens) || (closes && *closes <= from)) continue;
    Date date = NominalFinish(version, from);
    bool by_group = false;
    for (const Joinable& candidate : groups_of(version)) {
      const std::optional<Date> last = LastDate(candidate.group);
      if (!last || *last >= date || !MayJoin(version, candidate, tokens, from)) continue;
      date = *last;
      by_group = true;
    }
    auto& estimate = estimates.emplace_back();
    estimate.set_date(FormatDate(date));
    estimate.set_version_ref(version.version_ref());
    estimate.set_source(by_group ? "GROUP" : "NOMINAL");
  }
  std::stable_sort(estimates.begin(), estimates.end(),
                   [](const auto& a, const auto& b) { return a.date() < b.date(); });
  return estimates;
}

}  // namespace pdp::programmes
