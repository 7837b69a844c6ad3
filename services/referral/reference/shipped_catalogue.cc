#include "services/referral/reference/shipped_catalogue.h"

#include "google/protobuf/text_format.h"
#include "libs/base/check.h"
#include "libs/criteria/content_hash.h"

namespace pdp::referral {
namespace embedded {
extern const absl::string_view kCatalogue;
}  // namespace embedded

v1::CatalogueVersion ReadCopy(const programmes::v1::ProgrammeVersion& version) {
  v1::CatalogueVersion copy;
  copy.set_version_ref(version.version_ref());
  copy.set_route(version.route());
  copy.set_route_kind(version.kind());
  copy.set_span_weeks(version.span_weeks());
  copy.set_planned_sessions(version.planned_sessions());
  copy.set_women_only(version.admits_sexes_size() == 1 && version.admits_sexes(0) == "F");
  copy.set_open_from(version.effective_from());
  copy.set_open_to(version.effective_to());
  copy.set_outcomes_stated(version.outcomes_size() > 0);
  *copy.mutable_criteria() = version.criteria();
  copy.set_content_hash(criteria::ContentHash(version));
  return copy;
}

const v1::Catalogue& ShippedCatalogue() {
  static const v1::Catalogue* const catalogue = [] {
    programmes::v1::Catalogue file;
    PDP_CHECK(
        google::protobuf::TextFormat::ParseFromString(std::string(embedded::kCatalogue), &file),
        "the shipped catalogue parses");
    auto* copy = new v1::Catalogue;
    for (const programmes::v1::ProgrammeVersion& version : file.versions()) {
      if (version.status() == "PUBLISHED") *copy->add_versions() = ReadCopy(version);
    }
    return copy;
  }();
  return *catalogue;
}

}  // namespace pdp::referral
