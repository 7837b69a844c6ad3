#include "libs/engine/domain.h"
#include "libs/host/host.h"
#include "services/unpaid_work/domain/unpaid_work.h"
#include "services/unpaid_work/public_events.h"
#include "services/unpaid_work/wiring.h"

int main(int argc, char** argv) {
  using namespace pdp;
  host::ServiceHost host(host::ParseFlags(argc, argv),
                         engine::MakeDomain<unpaid_work::UnpaidWork>(), unpaid_work::ToPublic);
  unpaid_work::Wire(host);
  return host.Run();
}
