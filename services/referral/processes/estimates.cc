#include "services/referral/processes/estimates.h"

#include "pdp/programmes/v1/queries.pb.h"
#include "services/referral/cell_rules.h"
#include "services/referral/domain/policy.h"

namespace pdp::referral {

Estimator ProgrammesEstimator(const projection::Surroundings& host) {
  return [&host](Area area, const std::string& route, const std::vector<std::string>& tokens,
                 Date from) {
    programmes::v1::EstimateCompletionRequest request;
    request.set_area(std::string(area.code()));
    request.set_route(route);
    for (const std::string& token : tokens) request.add_tokens(token);
    request.set_from(FormatDate(from));
    const CellRules rules(host.reader(area), from);
    const int64_t timeout_ms = Policy::InForce(from).Int("estimate.timeout_ms");
    const auto answer = host.Ask<programmes::v1::EstimateCompletionReply>(
        "programmes", "/pdp.programmes.v1.ProgrammesService/EstimateCompletion", request,
        absl::Milliseconds(timeout_ms));
    std::vector<v1::Estimate> estimates;
    if (!answer.ok() || !answer->ok()) return estimates;
    for (const auto& row : answer->reply.estimates()) {
      // Earliest first: the first date of a version is its estimate.
      bool known = false;
      for (const v1::Estimate& earlier : estimates) {
        known = known || earlier.version_ref() == row.version_ref();
      }
      if (known) continue;
      v1::Estimate& estimate = estimates.emplace_back();
      estimate.set_version_ref(row.version_ref());
      estimate.set_date(row.date());
    }
    return estimates;
  };
}

}  // namespace pdp::referral
