"""What measuring needs: rates of this machine, labelled and made-up photographs."""
