#ifndef PDP_SERVICES_UNPAID_WORK_PROJECTIONS_WORK_H_
#define PDP_SERVICES_UNPAID_WORK_PROJECTIONS_WORK_H_

#include <string>

#include "libs/projection/projection.h"
#include "pdp/unpaid_work/v1/queries.pb.h"

namespace pdp::unpaid_work {

// session_roster: the sessions of an area with who sits in them.
//
//   {date}/{project}/{slot}   v1.Session, in the order of SessionRoster
class SessionRoster final : public projection::Projection {
 public:
  static constexpr char kName[] = "session_roster";
  // Of a session id {project}.{yyyymmdd}.{slot}.
  static std::string Key(absl::string_view session_id);
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& recorded,
                       projection::RowWriter& rows) override;
};

// project_search: the projects of an area, without the beneficiary's contact.
//
//   i/{project}                   v1.Project
//   k/{status}/{kind}/{project}   v1.Project, in the order of ProjectSearch
class ProjectIndex final : public projection::Projection {
 public:
  static constexpr char kName[] = "project_search";
  // UNSPECIFIED: all. A kind needs a status.
  static std::string Prefix(v1::ProjectStatus status, v1::Kind kind);
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& recorded,
                       projection::RowWriter& rows) override;
};

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_PROJECTIONS_WORK_H_
