#ifndef PDP_SERVICES_PROGRAMMES_DOMAIN_COMPLETION_H_
#define PDP_SERVICES_PROGRAMMES_DOMAIN_COMPLETION_H_

#include <vector>

#include "services/programmes/domain/catalogue.h"
#include "services/programmes/domain/programmes.h"

// Measures, outcomes and dosage (PRG-96, 98, 99). Pure.

namespace pdp::programmes {

// PRG-99, of one measure: change signed by direction against the reliable change index. `result`
// may be null.
v1::OutcomeResult Judge(const v1::Measure& measure, const v1::MeasureResult* result);
// PRG-99, of an outcome over its measures.
v1::OutcomeResult Combine(const std::vector<v1::OutcomeResult>& results);

// Core rows, those credited here or elsewhere, and basis points of them rounded down (PRG-96).
struct Dosage {
  int core = 0;
  int credited = 0;
  int minutes = 0;
  int bp() const { return core == 0 ? 0 : 10000 * credited / core; }
};
Dosage DosageOf(const v1::Enrolment& enrolment);
// PRG-96: everything that completion lacks.
std::vector<Violation> MissingForCompletion(const v1::Enrolment& enrolment);

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_DOMAIN_COMPLETION_H_
