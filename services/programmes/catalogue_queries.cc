#include <algorithm>
#include <map>

#include "services/programmes/domain/catalogue.h"
#include "services/programmes/domain/membership.h"
#include "services/programmes/domain/places.h"
#include "services/programmes/estimate.h"
#include "services/programmes/projections/groups.h"
#include "services/programmes/query_access.h"
#include "services/programmes/service_queries.h"

// The catalogue, and when a version could be finished. Pure reads, open to every service.

namespace pdp::programmes {
namespace {

// More groups of one version than an area runs at a time.
constexpr size_t kGroupsMax = 2'000;

// Reads states of one area for the estimate.
class Candidates {
 public:
  Candidates(const host::ServiceHost& host, Area area, const Tokens& tokens, Date from)
      : host_(host), area_(area), tokens_(tokens), from_(from) {}

  // The groups of the version that the person may join and that end before the nominal date: only
  // the first to end, as nobody asks for the others.
  std::vector<Joinable> Of(const v1::ProgrammeVersion& version) {
    std::vector<v1::GroupRow> rows;
    v1::GroupRow row;
    const std::string nominal = FormatDate(NominalFinish(version, from_));
    const std::string from = FormatDate(from_);
    Note(host_.rows(Groups::kName)
             .Scan(area_,
                   {.prefix = Groups::OpenPrefix(version.version_ref()), .after_key = "",
                    .limit = kGroupsMax},
                   &row, [&](absl::string_view, bool) {
                     if (row.join_by() > from && row.finish() < nominal &&
                         row.members() < row.size().max()) {
                       rows.push_back(row);
                     }
                     return true;
                   }));
    std::sort(rows.begin(), rows.end(), [](const v1::GroupRow& a, const v1::GroupRow& b) {
      return std::tie(a.finish(), a.group_id()) < std::tie(b.finish(), b.group_id());
    });
    for (const v1::GroupRow& candidate : rows) {
      const std::optional<Joinable> joinable = Read(candidate.group_id());
      if (joinable && MayJoin(version, *joinable, tokens_, from_)) return {*joinable};
    }
    return {};
  }

  // The first failure of a read.
  const absl::Status& status() const { return status_; }

 private:
  void Note(const absl::Status& status) {
    if (status_.ok() && !status.ok()) status_ = status;
  }

  std::optional<Joinable> Read(const std::string& group_id) {
    const auto group = Load(host_, area_, GroupId(group_id));
    if (!group.ok()) {
      Note(group.status());
      return std::nullopt;
    }
    Joinable joinable;
    joinable.group = group->state.group();
    for (const v1::Member& member : joinable.group.members()) {
      const auto enrolment = Load(host_, area_, EnrolmentId(member.enrolment_id()));
      if (!enrolment.ok()) {
        Note(enrolment.status());
        return std::nullopt;
      }
      // PRG-42: who is suspended attends nothing; the place is kept.
      if (enrolment->state.enrolment().status() == v1::SUSPENDED) continue;
      ++(enrolment->state.enrolment().responsivity().woman() ? joinable.women : joinable.others);
    }
    joinable.trauma_informed = !tokens_.woman || TraumaInformed(joinable.group);
    return joinable;
  }

  bool TraumaInformed(const v1::Group& group) {
    for (const v1::Session& session : SessionsOfMembers(group, from_)) {
      for (const std::string& staff_id : session.staff()) {
        const v1::Facilitator* staff = Staff(staff_id);
        if (staff == nullptr || !HasCapability(*staff, "TRAUMA", *ParseDate(session.date()))) {
          return false;
        }
      }
    }
    return true;
  }

  const v1::Facilitator* Staff(const std::string& staff_id) {
    auto it = staff_.find(staff_id);
    if (it == staff_.end()) {
      const auto loaded = Load(host_, area_, FacilitatorId(staff_id));
      if (!loaded.ok()) {
        Note(loaded.status());
        return nullptr;
      }
      it = staff_.emplace(staff_id, loaded->state.facilitator()).first;
    }
    return &it->second;
  }

  const host::ServiceHost& host_;
  const Area area_;
  const Tokens tokens_;
  const Date from_;
  std::map<std::string, v1::Facilitator> staff_;
  absl::Status status_;
};

}  // namespace

grpc::Status ReadCatalogue(const v1::ListCatalogueRequest& request, v1::ListCatalogueReply* reply) {
  for (const v1::ProgrammeVersion& version : ShippedCatalogue().versions()) {
    if (!request.route().empty() && request.route() != version.route()) continue;
    auto* entry = reply->add_versions();
    *entry->mutable_version() = version;
    entry->set_span_weeks(SpanWeeks(version));
    entry->set_content_hash(ContentHash(version));
    entry->set_planned_sessions(version.rows_size());
  }
  return grpc::Status::OK;
}

grpc::Status ReadEstimate(const host::ServiceHost& host,
                          const v1::EstimateCompletionRequest& request,
                          v1::EstimateCompletionReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  const auto from = ParseDate(request.from());
  if (!from) return Invalid("from", "a date YYYY-MM-DD");
  const Tokens tokens = ReadTokens(request.tokens());
  Candidates candidates(host, area, tokens, *from);
  const auto estimates =
      Estimate(request.route(), tokens, *from, [&](const v1::ProgrammeVersion& version) {
        return candidates.Of(version);
      });
  if (!candidates.status().ok()) return rpc::ToStatus(candidates.status(), kServiceName);
  if (estimates.empty()) {
    return rpc::ToStatus(decider::Reject("CATALOGUE_GAP",
                                         absl::StrCat("no version of ", request.route(), " fits")),
                         kServiceName);
  }
  for (const auto& estimate : estimates) *reply->add_estimates() = estimate;
  return grpc::Status::OK;
}

}  // namespace pdp::programmes
